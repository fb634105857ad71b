<?php
/**
 * What happens to the shop's orders.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * Listens to WooCommerce and only notes: a checkout never waits for MCI.
 */
class MCI_Watch {

	/**
	 * The pairing.
	 *
	 * @var MCI_Pairing_Store
	 */
	private $store;

	/**
	 * Where to note.
	 *
	 * @var MCI_Queue
	 */
	private $queue;

	/**
	 * Whom to wake.
	 *
	 * @var MCI_Waker
	 */
	private $waker;

	/**
	 * Constructor.
	 *
	 * @param MCI_Pairing_Store $store The pairing.
	 * @param MCI_Queue         $queue Where to note.
	 * @param MCI_Waker         $waker Whom to wake.
	 */
	public function __construct( MCI_Pairing_Store $store, MCI_Queue $queue, MCI_Waker $waker ) {
		$this->store = $store;
		$this->queue = $queue;
		$this->waker = $waker;
	}

	/**
	 * Begins to listen. Which of these fire, and in what order, differs between the two checkouts, the administration
	 * and the API; the queue folds them into one.
	 */
	public function listen() {
		$changed = array(
			'woocommerce_new_order',
			'woocommerce_update_order',
			'woocommerce_order_status_changed',
			'woocommerce_order_refunded',
			'woocommerce_untrash_order',
		);
		foreach ( $changed as $hook ) {
			add_action( $hook, array( $this, 'changed' ) );
		}
		// A refund is deleted in three ways, each with a hook of its own; after it the order owes more again.
		add_action( 'woocommerce_refund_deleted', array( $this, 'refund_deleted' ), 10, 2 );
		add_action( 'woocommerce_rest_delete_shop_order_refund_object', array( $this, 'refund_changed' ) );
		add_filter( 'woocommerce_pre_delete_order_refund', array( $this, 'refund_goes' ), 10, 2 );
		add_action( 'woocommerce_trash_order', array( $this, 'changed' ) );
		add_action( 'woocommerce_before_delete_order', array( $this, 'deleted' ) );

		// Orders that are posts are also trashed and deleted as posts, past WooCommerce.
		add_action( 'trashed_post', array( $this, 'post_changed' ) );
		add_action( 'untrashed_post', array( $this, 'post_changed' ) );
		add_action( 'before_delete_post', array( $this, 'post_deleted' ) );
	}

	/**
	 * An order was made, changed, trashed or taken out of the trash.
	 *
	 * @param mixed $order_id The order.
	 */
	public function changed( $order_id ) {
		$this->note( $order_id, MCI_Message::UPDATED );
	}

	/**
	 * An order is about to be deleted for good; it can still be read.
	 *
	 * @param mixed $order_id The order.
	 */
	public function deleted( $order_id ) {
		$this->note( $order_id, MCI_Message::DELETED );
	}

	/**
	 * A refund was taken back in the administration.
	 *
	 * @param mixed $refund_id The refund.
	 * @param mixed $order_id  The order.
	 */
	public function refund_deleted( $refund_id, $order_id ) {
		unset( $refund_id );
		$this->note( $order_id, MCI_Message::UPDATED );
	}

	/**
	 * A refund was taken back by the API.
	 *
	 * @param mixed $refund The refund.
	 */
	public function refund_changed( $refund ) {
		if ( $refund instanceof WC_Order_Refund ) {
			$this->changed( $refund->get_parent_id() );
		}
	}

	/**
	 * A refund is about to be deleted by code. Only listens: the answer is what others said.
	 *
	 * @param mixed $answer Null: go on.
	 * @param mixed $refund The refund.
	 * @return mixed
	 */
	public function refund_goes( $answer, $refund ) {
		$this->refund_changed( $refund );
		return $answer;
	}

	/**
	 * A post was trashed or taken out of the trash.
	 *
	 * @param mixed $post_id The post.
	 */
	public function post_changed( $post_id ) {
		if ( 'shop_order' === get_post_type( (int) $post_id ) ) {
			$this->changed( $post_id );
		}
	}

	/**
	 * A post is about to be deleted for good.
	 *
	 * @param mixed $post_id The post.
	 */
	public function post_deleted( $post_id ) {
		if ( 'shop_order' === get_post_type( (int) $post_id ) ) {
			$this->deleted( $post_id );
		}
	}

	/**
	 * Notes, unless nobody needs to hear of it.
	 *
	 * @param mixed  $order_id The order.
	 * @param string $topic    What happened.
	 */
	private function note( $order_id, $topic ) {
		if ( ! is_numeric( $order_id ) || ! $this->store->is_paired() ) {
			return;
		}
		$order = wc_get_order( (int) $order_id );
		if ( ! $order instanceof WC_Order || 'shop_order' !== $order->get_type() ) {
			return;
		}
		if ( in_array( $order->get_status(), MCI_Message::DRAFTS, true ) ) {
			return;
		}
		if ( ! $this->queue->note( (int) $order_id, $topic, time() ) ) {
			wc_get_logger()->error( sprintf( 'Order %d could not be noted.', $order_id ), array( 'source' => 'mci-connector' ) );
			return; // MCI finds it by its pull.
		}
		$this->waker->wake();
	}
}
