<?php
/**
 * MCI's products come into the shop, and go off sale.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * Publishes drafts, each with its own outcome, so that the shop has them once however often this is repeated.
 */
class MCI_Publish {

	const REFERENCE = '_mci_reference';

	/**
	 * Who fetches pictures.
	 *
	 * @var MCI_Images
	 */
	private $images;

	/**
	 * Constructor.
	 *
	 * @param MCI_Images $images Who fetches pictures.
	 */
	public function __construct( MCI_Images $images ) {
		$this->images = $images;
	}

	/**
	 * Publishes.
	 *
	 * @param array<int,mixed> $drafts What came.
	 * @return array<string,mixed>
	 */
	public function publish( array $drafts ) {
		$done = array();
		foreach ( $drafts as $data ) {
			$outcome = array(
				'reference' => is_array( $data ) && isset( $data['reference'] ) && is_string( $data['reference'] ) ? $data['reference'] : '',
				'id'        => 0,
				'url'       => '',
				'variants'  => (object) array(),
				'stock'     => (object) array(),
				'error'     => '',
				'detail'    => '',
			);
			try {
				$outcome = array_merge( $outcome, $this->locked( MCI_Draft::read( $data ) ) );
			} catch ( InvalidArgumentException $error ) {
				$outcome['error']  = 'bad_value';
				$outcome['detail'] = $error->getMessage();
			} catch ( WC_Data_Exception $error ) {
				$outcome = array_merge( $outcome, self::refused( $error ) );
			} catch ( MCI_Refusal $error ) {
				$outcome['error']  = $error->error;
				$outcome['detail'] = $error->getMessage();
			} catch ( Throwable $error ) { // Other plugins have a say in each save.
				$outcome['error']  = 'failed';
				$outcome['detail'] = wp_strip_all_tags( $error->getMessage() );
			}
			$done[] = $outcome;
		}
		return array( 'products' => $done );
	}

	/**
	 * Takes products of ours off sale without deleting them.
	 *
	 * @param array<int,mixed> $ids Ids of products.
	 * @return array<string,mixed>
	 */
	public function unpublish( array $ids ) {
		$errors = array();
		foreach ( $ids as $id ) {
			$product = is_int( $id ) && $id > 0 ? wc_get_product( $id ) : null;
			if ( ! $product || 'trash' === $product->get_status() ) {
				continue; // It is not on sale, which is what was asked.
			}
			if ( '' === (string) $product->get_meta( self::REFERENCE ) ) {
				$errors[ (string) $id ] = 'not_ours';
				continue;
			}
			try {
				$product->set_status( 'draft' );
				$product->save();
			} catch ( Throwable $error ) {
				$errors[ (string) $id ] = 'failed';
			}
		}
		return array( 'errors' => (object) $errors );
	}

	/**
	 * Publishes one draft while no other call is at the same product.
	 *
	 * @param MCI_Draft $draft The draft.
	 * @return array<string,mixed>
	 * @throws MCI_Refusal What cannot be done.
	 */
	private function locked( MCI_Draft $draft ) {
		$name = 'product-' . $draft->reference;
		$lock = MCI_Lock::take( $name, 120 );
		if ( '' === $lock ) {
			throw new MCI_Refusal( 409, 'busy' );
		}
		try {
			return $draft->ours ? $this->ours( $draft ) : $this->theirs( $draft );
		} finally {
			MCI_Lock::give( $name, $lock );
		}
	}

	/**
	 * A product of ours: all of it as the draft says.
	 *
	 * @param MCI_Draft $draft The draft.
	 * @return array<string,mixed>
	 * @throws MCI_Refusal When the id is of a product that is not ours.
	 */
	private function ours( MCI_Draft $draft ) {
		$found  = $this->find( $draft );
		$writer = new MCI_Product_Writer( $draft, $found );
		$ids    = $writer->write();
		$this->images->want( $writer->product_id(), $draft->images );
		return array(
			'id'       => $writer->product_id(),
			'url'      => (string) get_permalink( $writer->product_id() ),
			'variants' => (object) $ids,
			'stock'    => (object) $writer->stock(),
		);
	}

	/**
	 * A product of the merchant's own: only its prices.
	 *
	 * @param MCI_Draft $draft The draft.
	 * @return array<string,mixed>
	 * @throws MCI_Refusal When one of the prices was not taken.
	 */
	private function theirs( MCI_Draft $draft ) {
		$levels = array();
		$ids    = array();
		foreach ( $draft->variants as $variant ) {
			$ids[ $variant['sku'] ] = $variant['id'];
			$levels[]               = $variant;
		}
		$result = ( new MCI_Levels() )->prices( $levels );
		$errors = (array) $result['errors'];
		if ( $errors ) {
			throw new MCI_Refusal( 409, reset( $errors ), (string) key( $errors ) ); // phpcs:ignore WordPress.Security.EscapeOutput.ExceptionNotEscaped -- goes out as JSON.
		}
		return array(
			'id'       => $draft->id,
			'url'      => (string) get_permalink( $draft->id ),
			'variants' => (object) $ids,
		);
	}

	/**
	 * The product in the shop: by its id, else by our reference, which finds what an answer that was lost had made.
	 *
	 * @param MCI_Draft $draft The draft.
	 * @return WC_Product|null
	 * @throws MCI_Refusal When the id is of a product that is not ours.
	 */
	private function find( MCI_Draft $draft ) {
		$product = $draft->id ? wc_get_product( $draft->id ) : null;
		if ( $product && $product->get_meta( self::REFERENCE ) !== $draft->reference ) {
			throw new MCI_Refusal( 409, 'not_ours', (string) $draft->id );
		}
		if ( ! $product ) {
			$ids     = get_posts(
				array(
					'post_type'      => 'product',
					'post_status'    => array( 'publish', 'draft', 'pending', 'private', 'future', 'trash' ),
					'posts_per_page' => 1,
					'orderby'        => 'ID',
					'order'          => 'ASC',
					'fields'         => 'ids',
					'meta_key'       => self::REFERENCE, // phpcs:ignore WordPress.DB.SlowDBQuery.slow_db_query_meta_key
					'meta_value'     => $draft->reference, // phpcs:ignore WordPress.DB.SlowDBQuery.slow_db_query_meta_value
				)
			);
			$product = $ids ? wc_get_product( $ids[0] ) : null;
		}
		if ( $product && 'trash' === $product->get_status() ) {
			wp_untrash_post( $product->get_id() );
			$product = wc_get_product( $product->get_id() );
		}
		return $product ? $product : null;
	}

	/**
	 * What WooCommerce did not take, in the protocol's words.
	 *
	 * @param WC_Data_Exception $error Its exception.
	 * @return array<string,string>
	 */
	private static function refused( WC_Data_Exception $error ) {
		$codes = array(
			'product_invalid_sku'              => 'sku_taken',
			'product_invalid_global_unique_id' => 'ean_taken',
		);
		$data  = $error->getErrorData();
		$owner = isset( $data['resource_id'] ) ? (int) $data['resource_id'] : 0;
		return array(
			'error'  => isset( $codes[ $error->getErrorCode() ] ) ? $codes[ $error->getErrorCode() ] : 'failed',
			'detail' => $owner ? (string) $owner : wp_strip_all_tags( $error->getMessage() ),
		);
	}
}
