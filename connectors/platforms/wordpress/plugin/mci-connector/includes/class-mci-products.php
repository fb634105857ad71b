<?php
/**
 * MCI asks what the shop sells.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

// Only ids come from SQL: WooCommerce has no page of products and variations together, by id.
// phpcs:disable WordPress.DB.DirectDatabaseQuery

/**
 * Simple products and variations, by id.
 */
class MCI_Products {

	/**
	 * A page.
	 *
	 * @param int $after_id Only those after this.
	 * @param int $limit    How many to look at.
	 * @return array<string,mixed>
	 */
	public function page( $after_id, $limit ) {
		global $wpdb;
		$ids  = $wpdb->get_col(
			$wpdb->prepare(
				"SELECT ID FROM {$wpdb->posts}
				WHERE post_type IN ('product', 'product_variation') AND post_status NOT IN ('auto-draft', 'trash') AND ID > %d
				ORDER BY ID LIMIT %d",
				$after_id,
				$limit + 1
			)
		);
		$more = count( $ids ) > $limit;
		$ids  = array_map( 'intval', array_slice( $ids, 0, $limit ) );
		return array(
			'products' => array_values( array_filter( array_map( array( $this, 'row' ), $ids ) ) ),
			'more'     => $more,
			'next'     => array( 'after_id' => $ids ? end( $ids ) : $after_id ),
		);
	}

	/**
	 * One product as the protocol shows it.
	 *
	 * @param int $id The product.
	 * @return array<string,mixed>|null Null: it has no stock of its own.
	 */
	private function row( $id ) {
		$product = wc_get_product( $id );
		if ( ! $product || ! in_array( $product->get_type(), array( 'simple', 'variation' ), true ) ) {
			return null;
		}
		$parent = (int) $product->get_parent_id();
		if ( 'variation' === $product->get_type() && in_array( get_post_status( $parent ), array( false, 'trash' ), true ) ) {
			return null;
		}
		$counted = true === $product->get_manage_stock( 'edit' ) && null !== $product->get_stock_quantity( 'edit' );
		$price   = MCI_Levels::as_paid( $product, $product->get_price( 'edit' ) );
		$regular = MCI_Levels::as_paid( $product, $product->get_regular_price( 'edit' ) );
		$owner   = $parent ? wc_get_product( $parent ) : $product;
		$name    = 'variation' === $product->get_type() ? $this->variation_name( $product ) : $product->get_name( 'edit' );
		return array(
			'id'         => $id,
			'parent'     => $parent,
			'sku'        => (string) $product->get_sku( 'edit' ),
			'ean'        => self::ean( $product ),
			'title'      => html_entity_decode( wp_strip_all_tags( $name ), ENT_QUOTES, 'UTF-8' ),
			'quantity'   => $counted ? (int) $product->get_stock_quantity( 'edit' ) : null,
			'type'       => $product->get_type(),
			'price'      => '' === $price ? null : $price,
			'compare_at' => '' !== $price && '' !== $regular && (float) $regular > (float) $price ? $regular : null,
			'reference'  => $owner ? (string) $owner->get_meta( MCI_Publish::REFERENCE ) : '',
			'live'       => 'publish' === $product->get_status() && $owner && 'publish' === $owner->get_status(),
		);
	}

	/**
	 * The EAN: WooCommerce's own field from 9.2, else ours.
	 *
	 * @param WC_Product $product The product.
	 * @return string
	 */
	public static function ean( WC_Product $product ) {
		$ean = is_callable( array( $product, 'get_global_unique_id' ) ) ? (string) $product->get_global_unique_id( 'edit' ) : '';
		return '' === $ean ? (string) $product->get_meta( '_mci_ean' ) : $ean;
	}

	/**
	 * "Maglia - M, Rosso", whatever the variation itself is called.
	 *
	 * @param WC_Product_Variation $product The variation.
	 * @return string
	 */
	private function variation_name( $product ) {
		$values = wc_get_formatted_variation( $product, true, false );
		return $product->get_title() . ( '' === $values ? '' : ' - ' . $values );
	}
}
